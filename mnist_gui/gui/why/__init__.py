"""The room that shows why the digit in the drawing room is read as it is."""
