"""My digits in the window: kept in Draw, looked at in Browse, collected, learnt from."""
