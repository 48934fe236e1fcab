"""The window: three rooms (browser, training, canvas), the widgets they share, and the dialogs."""
