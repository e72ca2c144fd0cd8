// Rows for a table of many types: node native-rows.mjs ROWS ODD SEED
// One value in ODD is of a kind or shape that a server may refuse or read in
// a way of its own.  With "ddl" as the only argument: the table's columns.
const types = {
	s: "String", ls: "LowCardinality(String)", ns: "Nullable(String)",
	lns: "LowCardinality(Nullable(String))", fs: "FixedString(5)", nfs: "Nullable(FixedString(3))",
	u8: "UInt8", u16: "UInt16", u32: "UInt32", u64: "UInt64", i8: "Int8", i16: "Int16", i32: "Int32",
	i64: "Int64", nu: "Nullable(UInt64)", ni: "Nullable(Int8)", lu: "LowCardinality(UInt16)",
	f32: "Float32", f64: "Float64", nf: "Nullable(Float64)", b: "Bool", nb: "Nullable(Bool)",
	uu: "UUID", nuu: "Nullable(UUID)", d: "Date", nd: "Nullable(Date)", d32: "Date32",
	dt: "DateTime('UTC')", dtn: "DateTime", t0: "DateTime64(0, 'UTC')", t3: "DateTime64(3, 'UTC')",
	t6: "DateTime64(6)", t9: "DateTime64(9, 'UTC')", nt: "Nullable(DateTime64(3, 'UTC'))",
	tb: "DateTime64(3, 'Europe/Berlin')", e8: "Enum8('a' = -1, 'b' = 2, 'it\\'s' = 3)",
	e16: "Enum16('x' = 500, 'y' = -500)", ne: "Nullable(Enum8('a' = 1, 'b' = 2))",
	as: "Array(String)", au: "Array(UInt8)", an: "Array(Nullable(Int32))", af: "Array(Float64)",
	at: "Array(DateTime64(3, 'UTC'))", aa: "Array(Array(UInt8))", al: "Array(LowCardinality(String))",
	dec: "Decimal(9, 2)", i128: "Int128", ip4: "IPv4", ip6: "IPv6", m: "Map(String, UInt8)",
	tu: "Tuple(UInt8, String)", du: "UInt32 DEFAULT 7", ds: "String DEFAULT concat('id ', toString(id))",
	dn: "Nullable(String) DEFAULT 'none'", dl: "LowCardinality(String) DEFAULT 'low'",
	ma: "UInt32 MATERIALIZED 9", "k.y \"é`\\": "String", "n.a": "Array(UInt8)", "n.b": "Array(UInt16)",
};
const names = Object.keys(types);

if (process.argv[2] === "ddl") {
	const quoted = (s) => "`" + s.replace(/[\\`]/g, "\\$&") + "`";
	console.log(["id UInt32", ...names.map((n) => `${quoted(n)} ${types[n]}`)].join(",\n"));
	process.exit();
}

const [rows, odd, seed] = process.argv.slice(2).map(Number);
let state = seed;

function random(n) { // xorshift: the same rows with the same seed
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) % n;
}

const pick = (list) => list[random(list.length)];
const digits = (n) => Array.from({ length: n }, () => random(10)).join("");
const two = (n) => String(n).padStart(2, "0");

const odd_values = [
	"null", "true", "false", "{}", "[]", "[[]]", "[null]", '{"a":1}', '""', '" "', "0", "-0", "1e3", "1E-2", "1.0",
	"0.1", "-1", "-0.0", "255", "256", "65536", "4294967296", "18446744073709551615", "18446744073709551616",
	"-9223372036854775808", "-9223372036854775809", "1e400", "-1e-400", "4.9e-324", "1e-320", "1e39", "9007199254740993",
	'"0"', '"007"', '"-0"', '"+1"', '"1.5"', '"nan"', '"inf"', '"NULL"', '"null"', '"\\\\N"', '"true"', '"1"', '" 1"',
	'"1 "', '"\\u0031"', '"a\\u0000b"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\/\\b\\f\\n\\r\\t\\\\\\""', '"\u{1f600}é"',
	'"2026-02-30"', '"2026-13-01 00:00:00"', '"2026-02-28T12:00:00Z"', '"2026-02-28 12:00:00Z"', '"2026-02-28 24:00:00"',
	'"2026-02-28 12:00:60"', '"2026-2-8"', '"1969-12-31 23:59:59.500"', '"1969-12-31"', '"0000-00-00"', '"9999-12-31"',
	'"2299-12-31 23:59:59.999"', '"2300-01-01 00:00:00"', '"2106-02-07 06:28:16"', '"2149-06-07"', '"1900-01-01"',
	'"2026-02-28 12:00"', '"2026-02-28 12:00:00."', '"2026-02-28 12:00:00.1234567890123"', "1767225600", "1767225600.123",
	"1767225600123", '"1767225600"', '"00000000000000000000000000000001"', '"{00000000-0000-0000-0000-000000000001}"',
	'"00000000-0000-0000-0000-00000000000g"', '"longer than all fixed strings"', '"ééé"', '["a",null]', '[1,"2",3.5]',
	'{"1":2}', '[1,"x"]', '"2026-06-15 12:00:00.5"',
];

function time(fraction) {
	const years = random(100) ? ["1970", "1999", "2026", "2105"] : ["2148", "2199", "2259"];
	const day = `${pick(years)}-${two(1 + random(12))}-${two(1 + random(28))}`;
	const clock = `${two(random(24))}:${two(random(60))}:${two(random(60))}`;
	const n = random(fraction + 1);
	return JSON.stringify(n ? `${day} ${clock}.${digits(n)}` : `${day} ${clock}`);
}

function text() {
	const pieces = ["", "a", "\\", '"', "/", "\n", "\t", "\u0001", "é", "\u{1f600}", "x".repeat(127), "€", "plain text ",
		"y".repeat(300), "\u2028", "'", "`", "\u007f"];
	const s = Array.from({ length: random(6) }, () => pick(pieces)).join("");
	const json = JSON.stringify(s);
	return random(4) ? json : json.replace(/[a-zé€]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function integer(bits, signed) {
	const magnitude = BigInt.asUintN(bits - (signed ? 1 : 0), BigInt(digits(1 + random(20))));
	const edges = signed
		? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n, -1n]
		: [0n, 2n ** BigInt(bits) - 1n];
	const n = random(5) ? magnitude : pick(edges);
	return random(10) ? `${n}` : `"${n}"`;
}

function float() {
	const n = pick([`${random(1000)}`, `${random(1e6)}.${digits(1 + random(17))}`, `-${random(10)}.${digits(3)}`,
		`${random(10)}.${digits(1 + random(17))}e${random(60) - 30}`, `${random(9) + 1}${digits(20)}`, "0.1", "1e22", "1e23",
		"16777217", "3.4028235e38", random(50) ? "1e-7" : "5e-324"]);
	return n;
}

const hex = (n) => Array.from({ length: n }, () => pick([..."0123456789abcdefABCDEF"])).join("");
let length = 0; // of the arrays of a Nested, which must be alike
const list = (f, n) => `[${Array.from({ length: n ?? random(4) }, f).join(random(2) ? "," : " , ")}]`;

function good(type, name) {
	let m;
	if (name?.startsWith("n."))
		return list(() => "1", length);
	if ((m = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type)))
		return type.startsWith("N") && random(4) === 0 ? "null" : good(m[1]);
	if ((m = /^Array\((.*)\)$/.exec(type)))
		return list(() => good(m[1]));
	if ((m = /^(U?)Int(\d+)$/.exec(type)))
		return integer(Number(m[2]), !m[1]);
	if ((m = /^DateTime64\((\d)/.exec(type)))
		return time(Number(m[1]));
	if ((m = /^FixedString\((\d)/.exec(type)))
		return JSON.stringify("abcdefg".slice(0, random(Number(m[1]) + 1)));
	if ((m = /^Enum/.exec(type)))
		return JSON.stringify(pick(type.match(/'(\\.|[^'])*'/g)).slice(1, -1).replace("\\", ""));
	switch (type.split(" ")[0].split("(")[0]) {
	case "Float32": case "Float64": return float();
	case "Bool": return pick(["true", "false"]);
	case "UUID": return `"${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}"`;
	case "Date": case "Date32": return time(0).slice(0, 11) + '"';
	case "DateTime": return time(0);
	case "Decimal": return `${random(1000)}.${digits(2)}`;
	case "IPv4": return `"${random(256)}.${random(256)}.0.1"`;
	case "IPv6": return `"2001:db8::${random(9999)}"`;
	case "Map": return `{"k":${random(200)}}`;
	case "Tuple": return `[${random(200)},"t"]`;
	default: return text();
	}
}

// Each batch of ten rows shares a set of keys, which most rows have.
let keys = names, simple = false;
for (let id = 1; id <= rows; id++) {
	if (id % 10 === 1) {
		simple = random(3); // nothing among them that always goes as JSON
		const nested = random(2);
		keys = names.filter((n) => n !== "ma" && (n.startsWith("n.") ? nested : random(4)) &&
			!(simple && /^(aa|al|dec|i128|ip.|m|tu|tb)/.test(n)));
	}
	length = random(3);
	let members = keys.filter((n) => random(40) || n.startsWith("n.") || (simple && /^(d[usnl]|e8|e16|ne)$/.test(n))).map((n) =>
		[n, random(odd * 10) ? good(types[n].replace(/ DEFAULT.*/, ""), n) : pick(odd_values)]);
	if (random(20) === 0)
		members.sort(() => random(3) - 1);
	if (random(odd * 20) === 0)
		members.push([pick(["nosuch", "ma", "S", ...names]), pick(odd_values)]);
	const space = random(5) === 0 ? " " : "";
	const key = (n) => random(50) ? JSON.stringify(n) : `"\\u${n.charCodeAt(0).toString(16).padStart(4, "0")}${JSON.stringify(n.slice(1)).slice(1)}`;
	console.log(`{${space}${[["id", id], ...members].map(([n, v]) => `${key(n)}${space}:${space}${v}`).join(`,${space}`)}${space}}`);
}
