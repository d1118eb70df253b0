"""A reader of FlatBuffers that stays within its bytes, by a schema of the fields that may be there.

A table begins with the way back to its vtable, which has the place of each field in the table. All numbers are
little-endian. See https://flatbuffers.dev/internals/.
"""

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

#: The kinds of single numbers.
_NUMBERS = {
    kind: struct.Struct(f"<{letter}")
    for kind, letter in {"i8": "b", "u8": "B", "bool": "B", "i32": "i", "u32": "I", "f32": "f"}.items()
}
#: The kinds of vectors of numbers, with the letters of `struct`.
_VECTORS = {"[i32]": "i", "[f32]": "f", "[i64]": "q"}
_BYTES, _TEXT, _TABLE, _TABLES, _UNION = "[bytes]", "text", "table", "[table]", "union"
#: Bytes that the numbers in vectors of bytes are aligned to.
_ALIGNED = 4


class Field(NamedTuple):
    """A field of a table.

    Attributes:
        name: Of the field.
        kind: A key of `_NUMBERS` or `_VECTORS`, or "[bytes]", "text", "table", "[table]" or "union".
        schema: Of the table or the tables.
        default: The value where the field is left out.
        union: The schemas of the tables that a union may hold, by the value of the field before.
    """

    name: str
    kind: str
    schema: "Schema" = MappingProxyType({})
    default: Any = None
    union: "Mapping[int, Schema]" = MappingProxyType({})


#: The fields of a table by their numbers; a field that is not there must be left out of the file.
Schema = Mapping[int, Field]
#: The fields of a table by their names.
Table = dict[str, Any]


class FlatBufferReader:
    """A reader of one file. No two tables or vectors of it may share bytes, so that reading ends in time."""

    def __init__(self, content: bytes) -> None:
        """Begin with the file.

        Args:
            content: The whole of it.
        """
        self._content = content
        self._unread = len(content)
        self._layouts: dict[tuple[int, int], tuple[int, list[tuple[int, Field, str]]]] = {}

    def read(self, schema: Schema) -> Table:
        """Read the root table.

        Args:
            schema: Of the table.

        Returns:
            The values of its fields; those that are left out have their defaults.

        Raises:
            ValueError: Something reaches beyond the file, or is not in the schema.
        """
        try:
            return self._table(self._number("u32", 0), schema)
        except struct.error as error:
            raise ValueError(f"damaged ({error})") from None

    def _table(self, place: int, schema: Schema) -> Table:
        vtable = place - self._number("i32", place)
        known = self._layouts.get((vtable, id(schema)))
        if known is None:
            known = self._layouts[vtable, id(schema)] = self._layout(vtable, schema)
        size, layout = known
        self._take(place, size)
        table = {field.name: field.default for field in schema.values()}
        for offset, field, before in layout:
            kind = _of_union(field, table[before]) if field.kind == _UNION else field
            table[field.name] = self._field(place + offset, kind)
        return table

    def _layout(self, vtable: int, schema: Schema) -> tuple[int, list[tuple[int, Field, str]]]:
        """The content of a vtable: the size of its tables, and the places of their fields in order.

        With each field is the name of the one before it, which tells the kind of a union.
        """
        if vtable < 0:
            raise ValueError(f"a table of fields at byte {vtable}")
        size, table_size = struct.unpack_from("<HH", self._content, vtable)
        if size < 4 or size % 2 or table_size < 4:
            raise ValueError(f"no table of fields at byte {vtable}")
        fields = []
        for number, offset in enumerate(struct.unpack_from(f"<{size // 2 - 2}H", self._content, vtable + 4)):
            if offset:
                if number not in schema or offset >= table_size:
                    raise ValueError(f"an unknown field {number} at byte {vtable}")
                before = schema[number - 1].name if number - 1 in schema else ""
                fields.append((offset, schema[number], before))
        return table_size, fields

    def _field(self, place: int, field: Field) -> Any:
        kind = field.kind
        if kind in _NUMBERS:
            return self._number(kind, place)
        target = place + self._number("u32", place)
        if kind in _VECTORS:
            return self._vector(_VECTORS[kind], target)
        if kind == _BYTES:
            return self._bytes(target)
        if kind == _TEXT:
            return self._text(target)
        if kind == _TABLE:
            return self._table(target, field.schema)
        offsets = self._vector("I", target)
        return [self._table(target + 4 * number + offset, field.schema) for number, offset in enumerate(offsets, 1)]

    def _vector(self, letter: str, place: int) -> tuple[Any, ...]:
        count = self._number("u32", place)
        self._take(place, 4 + count * struct.calcsize(letter))
        return struct.unpack_from(f"<{count}{letter}", self._content, place + 4)

    def _bytes(self, place: int) -> memoryview:
        count = self._number("u32", place)
        self._take(place, 4 + count)
        if count and (place + 4) % _ALIGNED:
            raise ValueError(f"data at byte {place + 4}, which is not a multiple of {_ALIGNED}")
        return memoryview(self._content)[place + 4 : place + 4 + count]

    def _text(self, place: int) -> str:
        count = self._number("u32", place)
        self._take(place, 4 + count + 1)
        if self._content[place + 4 + count]:
            raise ValueError(f"a text without an end at byte {place}")
        return self._content[place + 4 : place + 4 + count].decode()

    def _take(self, place: int, size: int) -> None:
        """Count bytes as read, each of which may be read once."""
        self._unread -= size
        if self._unread < 0 or place + size > len(self._content):
            raise ValueError(f"{size} bytes at byte {place} of {len(self._content)}")

    def _number(self, kind: str, place: int) -> Any:
        return _NUMBERS[kind].unpack_from(self._content, place)[0]


def _of_union(field: Field, kind: int) -> Field:
    if kind not in field.union:
        raise ValueError(f"unknown {field.name} {kind}")
    return field._replace(kind=_TABLE, schema=field.union[kind])
