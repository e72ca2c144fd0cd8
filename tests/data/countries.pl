#!/usr/bin/perl
# Writes small country databases for tests/commands/geo.bats, with the writer that
# Debian has (libmaxmind-db-writer-perl), into a folder that is there:
#
#   tests/data/countries.pl DIRECTORY
#
#   layouts.mmdb   one network a layout, IPv4 and IPv6; see %layout
#   four.mmdb      IPv4 only
#   one-XX.mmdb    all addresses that are in use are in country XX (AA, BB)
use strict;
use warnings;

use MaxMind::DB::Writer::Tree;

my %type = (
    country            => 'map',
    registered_country => 'map',
    iso_code           => 'utf8_string',
    country_code       => 'utf8_string',
    geoname_id         => 'uint32',
    names              => 'map',
    en                 => 'utf8_string',
    latitude           => 'double',
    anonymous          => 'boolean',
    number             => 'map',
    asn                => 'uint32',
);

my $germany = { iso_code => 'DE', geoname_id => 2921044, names => { en => 'Germany' } };
my $france  = { iso_code => 'FR', geoname_id => 3017382, names => { en => 'France' } };

# the network, and what is known of it
my %layout = (
    '192.0.2.0/28'    => { country => $germany },
    '192.0.2.16/28'   => { registered_country => $france },
    '192.0.2.32/28'   => { country_code => 'GB' },
    '192.0.2.48/28'   => { country => $germany, registered_country => $france, country_code => 'GB' },
    '192.0.2.64/28'   => { registered_country => $france, country_code => 'GB' },
    '192.0.2.80/28'   => { country => { names => { en => 'Nowhere' } }, registered_country => $france },
    '192.0.2.96/28'   => { country_code => 'gb' },
    '192.0.2.112/28'  => { country_code => 'Gb', latitude => 51.5, anonymous => 1 },
    '192.0.2.128/28'  => { country_code => 'GBR' },
    '192.0.2.144/28'  => { country_code => '' },
    '192.0.2.160/28'  => { country_code => 'A1' },
    '192.0.2.176/28'  => { country_code => "\x{e9}" },
    '192.0.2.192/28'  => { country => { iso_code => '??' }, country_code => 'IT' },
    '192.0.2.208/28'  => { asn => 64496 },
    '192.0.2.224/28'  => { number => { asn => 64496 }, anonymous => 0, country_code => 'ES' },
    '192.0.2.240/32'  => { country_code => 'PT' },
    '2001:db8::/32'   => { country => $germany },
    '2001:db8:1::/48' => { registered_country => $france },
    '2001:db8:2::/64' => { country_code => 'gb' },
);

sub write_database {
    my ($file, $version, $networks) = @_;
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version               => $version,
        record_size              => 28,
        database_type            => 'Test-Country',
        languages                => ['en'],
        description              => { en => 'for tests' },
        map_key_type_callback    => sub { $type{ $_[0] } },
        remove_reserved_networks => 0,
    );
    $tree->insert_network($_, $networks->{$_}) for sort { length $a <=> length $b || $a cmp $b } keys %$networks;
    open my $out, '>:raw', $file or die "$file: $!\n";
    $tree->write_tree($out);
    close $out or die "$file: $!\n";
}

die "usage: countries.pl DIRECTORY\n" if @ARGV != 1;
my $folder = $ARGV[0];
write_database("$folder/layouts.mmdb", 6, \%layout);
write_database("$folder/four.mmdb", 4, { map { $_ => $layout{$_} } grep { !/:/ } keys %layout });
for my $code ('AA', 'BB') {
    write_database("$folder/one-$code.mmdb", 6, { '::/2' => { country_code => $code } });
}
