"""The addresses of the sign-in. Of django-allauth's own none is mounted; the names it looks for are here."""

from django.urls import URLPattern, path, re_path

from tocsin.signin import entry, others, security, sessions

urlpatterns: list[URLPattern] = [
    path("desk/sign-in/", entry.sign_in, name="account_login"),
    path("desk/sign-in/code/", entry.code, name="mfa_authenticate"),
    path("desk/sign-in/passkey/", entry.passkey),
    path("desk/sign-in/again/", entry.again, name="account_reauthenticate"),
    path("desk/sign-in/again/passkey/", entry.again_passkey),
    re_path(
        r"^desk/sign-in/password/(?P<whose>[0-9a-z]{1,12})/(?P<token>[0-9a-z-]{1,120})/$", security.password_by_link
    ),
    path("desk/sign-out/", entry.sign_out, name="account_logout"),
    path("desk/security/", security.overview, name="mfa_index"),
    path("desk/security/app/", security.totp),
    path("desk/security/app/remove/", security.totp_remove),
    path("desk/security/passkeys/add/", security.passkey_add),
    path("desk/security/passkeys/make/", security.passkey_make),
    re_path(r"^desk/security/passkeys/(?P<pk>\d{1,18})/remove/$", security.passkey_remove),
    path("desk/security/codes/", security.codes),
    path("desk/security/codes/make/", security.codes_make),
    path("desk/security/codes/kept/", security.codes_kept),
    path("desk/security/codes.txt", security.codes_text),
    path("desk/security/password/", security.password),
    path("desk/security/sign-ins/", sessions.sign_ins),
    path("desk/security/people/", others.people),
    path("admin/login/", entry.admin_door),
    path("admin/password_change/", entry.admin_password),
]
