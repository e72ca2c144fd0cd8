# Makes of log-keys.tsv the C table that log_keys.c includes.  POSIX awk.

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	bad = 1
}

BEGIN {
	FS = "\t"
	fields = " agent forwarded host ip line method port query referrer request scheme status target time "
	print "/* Made of log-keys.tsv by log-keys-gen.awk. */"
	print "static const struct log_key builtin[] = {"
}

/^#/ || NF == 0 { next }

{
	key = tolower($2)
	gsub(/[_-]/, "", key)
	if (NF != 2 || !index(fields, " " $1 " "))
		fail("expected FIELD, a tab and KEY")
	else if (key in seen)
		fail("the same key as line " seen[key])
	seen[key] = FNR
	gsub(/"/, "\\\"", key)
	printf "\t{ HIT_%s, { \"%s\", %d } },\n", toupper($1), key, length(key)
}

END {
	print "};"
	exit bad
}
