"""Staff sign-in: passkey, or password and a second factor; sessions, locks, one-time links. (Members: `tocsin/app`.)"""
