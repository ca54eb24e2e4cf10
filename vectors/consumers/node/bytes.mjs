// Bytes, text and PEM; refusal as an error of its own, so that a crash is never taken for one.
import { isUtf8 } from "node:buffer";

/** A vector was refused by `rule` of rules.json. Every other error is a crash of this client. */
export class Refused extends Error {
    constructor(rule, reason) {
        super(`${rule}: ${reason}`);
        this.rule = rule;
    }
}

export function refuse(rule, reason) {
    throw new Refused(rule, reason);
}

/** Runs what can only fail for bad input, and makes a refusal of its error. */
export function orRefuse(rule, reason, action) {
    try {
        const result = action();
        return result instanceof Promise ? result.catch(() => refuse(rule, reason)) : result;
    } catch {
        return refuse(rule, reason);
    }
}

/** RFC 4648 section 4: padded, on one line, no bits left over. Buffer alone would take anything. */
export function fromBase64(text, what, rule = "base64-well-formed") {
    if (typeof text !== "string") refuse("member-well-formed", `${what} is not a string`);
    const bytes = Buffer.from(text, "base64");
    return bytes.toString("base64") === text ? bytes : refuse(rule, `${what} is not base64`);
}

export const toBase64 = (bytes) => Buffer.from(bytes).toString("base64");
export const fromHex = (text) => Buffer.from(text, "hex");
export const toHex = (bytes) => Buffer.from(bytes).toString("hex");

/** Hex of SHA-256 of bytes or of the UTF-8 of a text. */
export const sha256 = async (data) => toHex(await crypto.subtle.digest("SHA-256", Buffer.from(data)));

/** Text of UTF-8 bytes, nothing replaced and no byte order mark dropped. */
export const fromUtf8 = (bytes, what) =>
    isUtf8(bytes) ? bytes.toString("utf8") : refuse("json-well-formed", `${what} is not UTF-8`);

// Base64 may itself end in fA==: the 16 or 24 characters of the nonce tell where the parts end.
const OLD_PARTS = /^(.+?)fA==([A-Za-z0-9+/]{16}|[A-Za-z0-9+/]{22}==)(?:fA==(.+))?$/;

/** The parts of a blob or of a string of 1.x. Until 2017 `fA==` stood for the bar. */
export function splitParts(text) {
    if (text.includes("|")) return text.split("|");
    return OLD_PARTS.exec(text)?.slice(1).filter((part) => part !== undefined) ?? [text];
}

/** DER in PEM armour. Lines may have any width and end, as clients differ (flag PemWidth). */
export function fromPem(text, label, what) {
    const armour = new RegExp(`^\\s*-----BEGIN ${label}-----\\s([^-]*)-----END ${label}-----\\s*$`);
    const body = armour.exec(text);
    if (!body) refuse("pem-well-formed", `${what} is not PEM of a ${label}`);
    return fromBase64(body[1].replace(/[\r\n\t ]/g, ""), what);
}

/** PEM in 64 columns with a last line end. */
export function toPem(der, label) {
    const lines = toBase64(der).match(/.{1,64}/g).join("\n");
    return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
