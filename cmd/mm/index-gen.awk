# Makes the table of cmd/mm/index.c: each command, what its manual says that it does, and
# its options with their help, as the completions have them.
#
#     awk -f cmd/mm/index-gen.awk man/mm-*.1 completions/mm.fish

function quote(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

FILENAME ~ /\.1$/ && $1 == ".Nd" {
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.1$/, "", name)
	print "ENTRY(" quote(name) ", NULL, " quote(substr($0, 5)) ")"
	words = words "|" substr(name, 4)
}

# complete -c mm-dedup -s q -l quiet -d 'say nothing of rejects on standard error'
FILENAME ~ /fish$/ && /^complete -c mm-/ && / -l / && / -d '/ {
	long = $0
	sub(/.* -l /, "", long)
	sub(/ .*/, "", long)
	help = $0
	sub(/.* -d '/, "", help)
	sub(/'$/, "", help)
	gsub(/\\'/, "'", help)
	gsub(/\\\\/, "\\", help)
	if (/ -a '[a-z]/) {
		choices = $0
		sub(/.* -a '/, "", choices)
		sub(/'.*/, "", choices)
		help = help ": " choices
	}
	if (long != "help" && long != "version")
		print "ENTRY(" quote($3) ", " quote("--" long) ", " quote(help) ")"
}

# what the shell completes
END { print "#define INDEX_WORDS \"help" words "\"" }
