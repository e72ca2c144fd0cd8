# Makes escape-table.h: for each set of 8 bytes, a bit for each that is to be escaped,
# the bytes of the escaped text, by their numbers; 8 stands for the backslash.
BEGIN {
	print "/* Made by lib/text/escape-gen.awk. */"
	print "static const unsigned char escape_order[256][16] = {"
	for (set = 0; set < 256; set++) {
		line = ""
		n = 0
		for (i = 0; i < 8; i++) {
			if (int(set / 2 ^ i) % 2) {
				line = line " 8,"
				n++
			}
			line = line " " i ","
			n++
		}
		for (; n < 16; n++)
			line = line " 8,"
		print "\t{" line " },"
	}
	print "};"
}
