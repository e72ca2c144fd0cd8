# Makes a C table of the names of countries, in the order of their two letters, of
# Debian's iso_3166-1.json: the name that is commonly used where there is one.
BEGIN { FS = "\"" }
$2 == "alpha_2" { code = $4 }
$2 == "common_name" { common = $4 }
$2 == "name" { name = $4 }
/^ *}/ && code {
	names[code] = common ? common : name
	code = common = name = ""
}
END {
	print "static const struct country { char code[3]; const char *name; } countries[] = {"
	for (a = 65; a <= 90; a++)
		for (b = 65; b <= 90; b++) {
			code = sprintf("%c%c", a, b)
			if (code in names)
				print "\t{ \"" code "\", \"" names[code] "\" },"
		}
	print "};"
}
