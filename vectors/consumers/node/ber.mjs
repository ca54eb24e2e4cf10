// A reader of BER (X.690), as much as CMS needs: definite and indefinite lengths, tags of one byte.
import { refuse, toHex } from "./bytes.mjs";

const MAX_DEPTH = 24;
const fail = (reason) => refuse("signature-well-formed", reason);

/** One element and nothing after it. */
export function parseBer(bytes) {
    const element = readElement(bytes, 0, 1);
    return element.end === bytes.length ? element : fail("bytes after the structure");
}

/** `content` of a primitive, `children` of a constructed element; `encoded` is all of it, as received. */
function readElement(bytes, start, depth) {
    if (depth > MAX_DEPTH) fail("nested too deeply");
    const tag = bytes[start] ?? fail("no tag");
    if ((tag & 0x1f) === 0x1f) fail("a tag of several bytes");
    const { length, from } = readLength(bytes, start + 1);
    const indefinite = length === undefined;
    const limit = indefinite ? bytes.length : from + length;
    if (limit > bytes.length) fail("length beyond the end");
    const finish = (end, rest) => ({ tag, encoded: bytes.subarray(start, end), end, ...rest });
    if (!(tag & 0x20)) {
        if (indefinite) fail("a primitive of indefinite length");
        return finish(limit, { content: bytes.subarray(from, limit) });
    }
    const children = [];
    let at = from;
    while (indefinite ? bytes[at] !== 0 : at < limit) {
        const child = readElement(bytes, at, depth + 1);
        if (child.end > limit) fail("an element beyond the end of the outer one");
        children.push(child);
        at = child.end;
    }
    if (indefinite && bytes[at + 1] !== 0) fail("no end of an indefinite length");
    return finish(indefinite ? at + 2 : at, { children, indefinite });
}

function readLength(bytes, at) {
    const first = bytes[at] ?? fail("no length");
    if (first <= 0x80) return { length: first < 0x80 ? first : undefined, from: at + 1 };
    const size = first & 0x7f;
    if (size > 4 || at + 1 + size > bytes.length) fail("odd length");
    return { length: bytes.readUIntBE(at + 1, size), from: at + 1 + size };
}

/** The children of a constructed element that must have this tag. */
export const inside = (element, tag, what) =>
    element?.tag === tag && element.children ? element.children : fail(`${what} is missing`);

/** The content of a primitive element that must have this tag. */
export const primitive = (element, tag, what) =>
    element?.tag === tag && element.content ? element.content : fail(`${what} is missing`);

/** An object identifier, as the hex of its encoding. */
export const oid = (element, what) => toHex(primitive(element, 0x06, what));
