from django.apps import AppConfig


class LooksConfig(AppConfig):
    name = "tocsin.looks"
