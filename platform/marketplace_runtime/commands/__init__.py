"""One file for each command: read the settings, make one call, print the answer."""
