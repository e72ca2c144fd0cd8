# Makes of agent-words.tsv and bots.tsv, in this order, the C table that bots.c
# includes: the words, and an open-addressing index of them.  POSIX awk.  Key and
# hash are those of bots.c (word_key, hash_key); tests/unit/test_agent looks every
# word up.

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	bad = 1
}

# The four letters of s from `at` as a number, the first in the lowest byte.
function quarter(s, at,    i, value) {
	for (i = 3; i >= 0; i--)
		value = value * 256 + (at + i <= length(s) ? ord[substr(s, at + i, 1)] : 0)
	return value
}

# The products stay below 2^53, which a number of awk's holds exactly.
function hash(low, high) {
	return (low * 915737 + high * 606559) % 4294967296
}

function flags(text,    part, n, i, all) {
	n = split(text, part, " ")
	for (i = 1; i <= n; i++)
		all = all (i > 1 ? " | " : "") "SAW_" part[i]
	return all
}

function add(text, suffix, saw, bot,    head) {
	match(text, /^[a-z]+/)
	head = suffix ? substr(text, RLENGTH - 2, 3) : substr(text, 1, RLENGTH)
	low[count] = quarter(head, 1)
	high[count] = suffix ? ord["*"] * 16777216 : quarter(head, 5)
	printf "\t{ UINT64_C(0x%08x%08x), { \"%s\", %d }, %s, %d, %s, %s, false },\n", \
	    high[count], low[count], text, length(text), saw, RLENGTH, bot, \
	    suffix ? "true" : "false"
	count++
}

BEGIN {
	count = 0
	FS = "\t+"
	for (i = 1; i < 128; i++)
		ord[sprintf("%c", i)] = i
	kinds = " none search ai seo preview feed monitor ads archive security library browser other app "
	print "/* Made of agent-words.tsv and bots.tsv by bots-gen.awk. */"
	print "static const struct agent_word builtin_words[] = {"
}

FNR == 1 {
	file++
}

/^[ \t\r]*(#|$)/ {
	next
}

{
	sub(/[ \t\r]+$/, "")
	word = tolower($1)
	suffix = sub(/^\*/, "", word)
	if (NF != 2)
		fail("expected a word, a tab and what it shows")
	else if (suffix ? word !~ /^[a-z][a-z][a-z]+$/ : word !~ /^[a-z][!#-[\]-~ ]*$/)
		fail("not a word")
	else if (file == 1 ? $2 !~ /^[A-Z0-9_ ]+$/ : !index(kinds, " " $2 " "))
		fail("unknown kind")
	else if ((file, $1) in seen)
		fail("the same word as line " seen[file, $1])
	else if (file == 1)
		add(word, suffix, flags($2), "BOT_NONE")
	else
		add(word, suffix, "0", "BOT_" toupper($2))
	seen[file, $1] = FNR
}

END {
	if (bad || file != 2)
		exit 1
	for (bits = 1; 2 ^ bits < 4 * count; bits++)
		;
	size = 2 ^ bits
	for (i = 0; i < count; i++) {
		for (at = int(hash(low[i], high[i]) / 2 ^ (32 - bits)); at in slot; at = (at + 1) % size)
			;
		slot[at] = i + 1
	}
	printf "};\n\nenum { BUILTIN_SHIFT = %d };\n", 32 - bits
	printf "static const uint32_t builtin_slots[%d] = {", size
	for (i = 0; i < size; i++)
		printf "%s%d,", i % 16 ? " " : "\n\t", slot[i]
	print "\n};"
}
