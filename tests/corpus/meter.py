"""A watch over files that are read: their sizes, and the bytes read so far."""


class Meter:
    def __init__(self):
        self.sizes, self.read = [], 0

    def opened(self, size):
        self.sizes.append(size)

    def advanced(self, count):
        self.read += count
