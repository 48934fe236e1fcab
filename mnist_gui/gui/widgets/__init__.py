"""Small widgets that more than one room uses, one a file."""
