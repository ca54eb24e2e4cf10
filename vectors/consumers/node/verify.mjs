// Compares an independent client in Web Crypto with the golden vectors: node verify.mjs [FOLDER]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refused } from "./bytes.mjs";
import { file, oaep } from "./ciphers.mjs";
import { canonical, canonicalJson } from "./json.mjs";
import { kdf, mnemonic, privateKeyBlob } from "./keys.mjs";
import { checksum12, filedrop1, metadata1 } from "./metadata-v1.mjs";
import { filedrop2, keyChecksums, metadata2, names } from "./metadata-v2.mjs";
import { signature } from "./signature.mjs";

/** What opens the vectors of a family: inputs to output, or an error. */
const FAMILIES = {
    mnemonic, kdf, file, oaep, signature, names,
    "private-key-blob": privateKeyBlob,
    "metadata-1.0": metadata1, "metadata-1.1": metadata1, "metadata-1.2": metadata1,
    "metadata-2.0": metadata2, "metadata-2.1": metadata2,
    "checksum-1.2": checksum12,
    "canonical-json": canonicalJson,
    "key-checksums": keyChecksums,
    filedrop: (inputs) => (inputs.major === 1 ? filedrop1(inputs) : filedrop2(inputs)),
};
const NOT_COVERED = {
    certificate: "Web Crypto has no X.509",
    "certificate-request": "Web Crypto has no PKCS#10",
    migration: "this client reads, it does not migrate",
    trust: "needs a store of what is known, which this client does not have",
};

const folder = process.argv[2] ?? fileURLToPath(new URL("../../golden", import.meta.url));
const there = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const families = new Set([...there.map(({ name }) => name), ...Object.keys(FAMILIES)]);
families.delete("keys");

let [passed, failed] = [0, 0];
for (const family of [...families].sort()) {
    const vectors = readVectors(family);
    if (NOT_COVERED[family]) {
        console.log(`${family}: ${vectors.length} not covered: ${NOT_COVERED[family]}`);
        continue;
    }
    const disagreements = [];
    for (const vector of vectors) {
        const problem = await compare(vector);
        if (problem) disagreements.push(`  ${vector.id} (${vector.comment}): ${problem}`);
    }
    const agreed = vectors.length - disagreements.length;
    console.log(`${family}: ${agreed} agreed, ${disagreements.length} disagreed`);
    for (const line of disagreements) console.log(line);
    passed += agreed;
    failed += disagreements.length;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function readVectors(family) {
    const files = readdirSync(join(folder, family)).filter((name) => name.endsWith(".json")).sort();
    return files.map((name) => JSON.parse(readFileSync(join(folder, family, name), "utf8")));
}

/** What is wrong with this client's answer, if anything. */
async function compare({ family, inputs, expected: { result, rule, output } }) {
    let actual;
    try {
        actual = await FAMILIES[family](inputs);
    } catch (error) {
        if (!(error instanceof Refused)) return `crashed: ${error.stack}`;
        if (result === "valid") return `refused by ${error.message}`;
        return family === "names" ? `refused as a whole by ${error.message}` : undefined;
    }
    const accepted = Object.keys(actual.setAside ?? {}).length === 0;
    if (accepted === (result === "invalid")) return accepted ? `accepted despite ${rule}` : "set aside";
    return canonical(actual) === canonical(output) ? undefined : `another output: ${canonical(actual)}`;
}
