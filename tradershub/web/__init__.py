"""The web shell: webhooks, API, pages and live updates."""
