# Makes a C header of the style of pages, lib/page.css: a string a line,
# without comments and indentation.
BEGIN { print "static const char *const page_css[] = {" }
/^\/\*.*\*\/$/ || /^$/ { next }
{
	sub(/^[\t ]+/, "")
	gsub(/[\\"]/, "\\\\&")
	print "\t\"" $0 "\\n\","
}
END { print "};" }
