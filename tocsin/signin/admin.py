"""Nothing of django-allauth's is in the administrator's pages: there lie secrets and other people's sessions."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

for each in (EmailAddress, Authenticator, UserSession):
    if admin.site.is_registered(each):
        admin.site.unregister(each)
