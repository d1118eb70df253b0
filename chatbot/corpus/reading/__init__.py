"""Files as they are read: opened, unpacked, decoded, and split into rows or turns."""
