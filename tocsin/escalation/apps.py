from django.apps import AppConfig


class EscalationConfig(AppConfig):
    name = "tocsin.escalation"
