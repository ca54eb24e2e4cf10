// JSON as strictly as signatures need it, and the canonical form that is signed.
import { orRefuse, refuse, sha256, toBase64 } from "./bytes.mjs";

const MAX_DEPTH = 32;
const TOKENS = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]|-?\d[\d.eE+-]*/g;

/**
 * RFC 8259, but no object may name a member twice (JSON.parse lets the last one win), texts are whole
 * characters, numbers finite, and values nested at most 32 deep.
 */
export function parseJson(text) {
    const fail = (reason) => refuse("json-well-formed", reason);
    const value = orRefuse("json-well-formed", "not JSON", () => JSON.parse(text));
    const open = []; // for each open object the names seen, for each open array nothing
    for (const [token, string, colon] of text.matchAll(TOKENS)) {
        if (string) {
            const characters = JSON.parse(string);
            if (!characters.isWellFormed()) fail("half of a surrogate pair");
            if (colon && open.at(-1).has(characters)) fail(`member ${characters} stands twice`);
            if (colon) open.at(-1).add(characters);
        } else if ("{[".includes(token)) {
            if (open.push(token === "{" ? new Set() : null) > MAX_DEPTH) fail("nested too deeply");
        } else if ("]}".includes(token)) open.pop();
        else if (!Number.isFinite(Number(token))) fail("number too large");
    }
    return value;
}

/** Compact, members sorted by UTF-16 code unit at all levels, nothing escaped that need not be. */
export function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

/** What is signed of an outer document: base64 of its canonical form without the top-level `filedrop`. */
export function signedContent(text) {
    const { filedrop: _, ...rest } = objectOf(parseJson(text), "the document");
    return toBase64(canonical(rest));
}

/** Family `canonical-json`. */
export async function canonicalJson({ document }) {
    const content = signedContent(document);
    return { content, sha256: await sha256(content) };
}

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export const objectOf = (value, what) =>
    isObject(value) ? value : refuse("member-well-formed", `${what} is not an object`);

/** An object that may be missing; PHP writes an empty one as an empty array. */
export function mapOf(value, what) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return {};
    return objectOf(value, what);
}

export const stringOf = (value, what) =>
    typeof value === "string" ? value : refuse("member-well-formed", `${what} is not a string`);
