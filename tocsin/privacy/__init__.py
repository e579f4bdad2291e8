"""Minimal and short 最少、最短: what is kept and for how long, erasure, export, consent. docs/privacy.md tells why."""
