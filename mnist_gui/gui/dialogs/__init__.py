"""Dialogs: about, preferences, shortcuts, and the one for errors."""
