// From what a user types to the private key: families `mnemonic`, `kdf` and `private-key-blob`.
import { readFileSync } from "node:fs";
import { fromBase64, fromHex, fromPem, refuse, splitParts, toHex, toPem } from "./bytes.mjs";
import { importPrivateKey, nonceOf, openGcm } from "./ciphers.mjs";

// The English list of BIP-39, which lies beside the vectors.
const LIST = new URL("../../golden/bip39-english.txt", import.meta.url);
const WORDS = new Set(readFileSync(LIST, "utf8").trim().split("\n"));

const SALT_OF_2017 = Buffer.from("$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$");
const DERIVATIONS = [["SHA-256", 600000], ["SHA-1", 1024], ["SHA-1", 600000], ["SHA-1", 1000]];
const MAX_BLOB = 64 << 10;

/** Family `mnemonic`: twelve words of the list, in any case and with any whitespace; no BIP-39 checksum. */
export function mnemonic({ text }) {
    // Only A to Z: lower case of anything else could make a word out of characters that only look like it.
    const words = text.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase()).split(/\s+/);
    const known = words.length === 12 && words.every((word) => WORDS.has(word));
    if (!known) refuse("mnemonic-of-twelve-words", "not twelve words of the list");
    return { words: words.join(" "), passphrase: words.join("") };
}

/** Family `kdf`. */
export async function kdf({ mnemonic: text, salt, hash, rounds }) {
    return { key: toHex(await derive(mnemonic({ text }).passphrase, fromHex(salt), hash, rounds)) };
}

/** Family `private-key-blob`. */
export async function privateKeyBlob({ mnemonic: text, blob }) {
    const { passphrase } = mnemonic({ text });
    const { sealed, nonce, salt, derivations } = splitBlob(blob.trim());
    for (const [hash, rounds] of derivations) {
        const key = await derive(passphrase, salt, hash, rounds);
        const plain = await openGcm(key, nonce, sealed).catch(() => null); // then with the next derivation
        if (plain) return { privateKey: await privateKeyInside(plain), hash, rounds };
    }
    return refuse("private-key-blob-opens", "with none of the key derivations");
}

const derived = new Map();

/** PBKDF2-HMAC, 32 bytes; remembered, since 600000 rounds take a while. */
async function derive(passphrase, salt, hash, rounds) {
    const id = [passphrase, toHex(salt), hash, rounds].join();
    if (!derived.has(id)) {
        const password = Buffer.from(passphrase);
        const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
        const algorithm = { name: "PBKDF2", hash, salt, iterations: rounds };
        const bits = await crypto.subtle.deriveBits(algorithm, key, 256);
        derived.set(id, Buffer.from(bits));
    }
    return derived.get(id);
}

/** `ciphertext | nonce | salt`; in 2017 without a salt, and with `fA==` for the bar. */
function splitBlob(blob) {
    if (blob.length > MAX_BLOB) refuse("within-limits", "more than 64 KiB");
    const parts = splitParts(blob);
    if (parts.length !== 2 && parts.length !== 3) refuse("member-well-formed", "not two or three parts");
    const begin = { sealed: fromBase64(parts[0], "ciphertext"), nonce: nonceOf(parts[1]) };
    if (parts.length === 2) return { ...begin, salt: SALT_OF_2017, derivations: [["SHA-1", 1024]] };
    if (parts[2] === "") refuse("member-well-formed", "empty salt");
    return { ...begin, salt: fromBase64(parts[2], "salt"), derivations: DERIVATIONS };
}

/** What is sealed: base64 of PEM of PKCS#8 with an RSA key. */
async function privateKeyInside(plain) {
    const pem = fromBase64(plain.toString("latin1"), "blob");
    const der = fromPem(pem.toString("latin1"), "PRIVATE KEY", "private key");
    await importPrivateKey(der);
    return toPem(der, "PRIVATE KEY");
}
