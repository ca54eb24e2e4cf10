"""A reader of BER (X.690), as far as CMS needs it: no tag numbers above 30, indefinite lengths allowed."""

from .basics import require

MAX_DEPTH = 24

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1


class Node:
    """One value: `content` as it stands, `children` if it is constructed, `definite` as its length is."""

    def __init__(self, tag, content, children, encoded, definite):
        self.tag, self.content, self.children = tag, content, children
        self.encoded, self.definite = encoded, definite

    def expect(self, tag):
        require(self.tag == tag, f"tag {self.tag:#x} in place of {tag:#x}")
        return self


def read(data):
    node, end = read_node(data, 0, MAX_DEPTH)
    require(end == len(data), "bytes after the end")
    return node


def read_node(data, start, depth):
    require(depth > 0, "nested too deeply")
    require(start + 2 <= len(data), "cut short")
    tag, first = data[start], data[start + 1]
    require(tag & 0x1F != 0x1F, "a tag of several bytes")
    begin = start + 2
    if first == 0x80:
        require(tag & 0x20, "a primitive value without length")
        return read_indefinite(data, start, begin, depth)
    length = first
    if first > 0x80:
        begin += first - 0x80
        require(first <= 0x84 and begin <= len(data), "a length that is too long")
        length = int.from_bytes(data[start + 2 : begin])
    end = begin + length
    require(end <= len(data), "a length beyond the end")
    content, children = data[begin:end], []
    offset = 0
    while tag & 0x20 and offset < length:
        child, offset = read_node(content, offset, depth - 1)
        children.append(child)
    return Node(tag, content, children, data[start:end], True), end


def read_indefinite(data, start, begin, depth):
    children, offset = [], begin
    while data[offset : offset + 2] != b"\0\0":
        child, offset = read_node(data, offset, depth - 1)
        children.append(child)
    return Node(data[start], data[begin:offset], children, data[start : offset + 2], False), offset + 2
