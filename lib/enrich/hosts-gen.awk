# Makes of hosts.tsv the C table that hosts.c includes: the entries, and an
# open-addressing index of them.  POSIX awk.  Suffix and hash are those of
# hosts.c (suffix_start, hash_byte); tests/unit/test_classify looks every entry up.

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	bad = 1
}

function hash(s,    h, i) {
	h = 5381
	for (i = length(s); i > 0; i--)
		h = (h * 33 + ord[substr(s, i, 1)]) % 4294967296
	return h
}

function quote(s) {
	return "{ \"" s "\", " length(s) " }"
}

BEGIN {
	for (i = 1; i < 128; i++)
		ord[sprintf("%c", i)] = i
	kinds = " search social email ai other paid spam " # internal: in files of users
	print "/* Made of hosts.tsv by hosts-gen.awk. */"
	print "static const struct host_entry builtin_entries[] = {"
}

{
	sub(/#.*/, "")
	if (NF == 0)
		next
	host = $1
	exact = sub(/^=/, "", host)
	service = sub(/\.\{search\}$/, "", host)
	alias = host ~ /^utm_source=/
	app = service || alias || sub(/^android-app:\/\//, "", host) || sub(/^ios-app:\/\//, "", host)
	if (NF > 3 || NF < 2)
		fail("expected HOST, KIND and SOURCE")
	else if (!index(kinds, " " $2 " "))
		fail("unknown kind")
	else if ($2 != "other" && $2 != "spam" && NF < 3)
		fail("this kind needs a source")
	else if (host !~ (service ? "^[a-z0-9-]+$" : alias ? "^utm_source=[a-z0-9_.-]+$" : app ? "^[a-z0-9_.]+$" : "^[a-z0-9-]+(\\.[a-z0-9-]+)*(\\.\\*)?$"))
		fail("not a lower-case host, HOST.*, android-app://PACKAGE, ios-app://NUMBER or utm_source=ALIAS")
	if ($1 in seen)
		fail("the same host as line " seen[$1])
	seen[$1] = FNR

	labels = split(host, label, ".")
	suffix = label[labels]
	if (labels > 2 && length(suffix) == 2 && label[labels - 1] ~ /^(co|com|net|org|ne|or)$/)
		suffix = label[labels - 1] "." suffix
	if (app)
		suffix = ""
	name = app ? host : substr(host, 1, length(host) - length(suffix) - 1)
	if (service)
		name = "{search}." host
	hashes[count++] = hash(name)
	printf "\t{ %s, %s, %s, HOST_%s, %.0fU, %s, false },\n", quote(name), quote(suffix), \
	    quote($3), toupper($2), hashes[count - 1], exact ? "true" : "false"
}

END {
	if (bad)
		exit 1
	for (size = 1; size < 2 * count; size *= 2)
		;
	for (i = 0; i < count; i++) {
		for (at = hashes[i] % size; at in slot; at = (at + 1) % size)
			;
		slot[at] = i + 1
	}
	printf "};\n\nstatic const uint32_t builtin_slots[%d] = {", size
	for (i = 0; i < size; i++)
		printf "%s%d,", i % 16 ? " " : "\n\t", slot[i]
	print "\n};"
}
