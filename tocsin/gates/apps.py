from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "tocsin.gates"
