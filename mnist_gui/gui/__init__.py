"""The window: four rooms (browser, training, canvas, why), the widgets they share, and the dialogs."""
