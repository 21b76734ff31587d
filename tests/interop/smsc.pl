#!/usr/bin/perl
# An SMSC made of Net::SMPP, in the hand of a test: commands come as JSON lines on stdin, what happens goes out as JSON
# lines on stdout. Sockets and PDUs are Net::SMPP's own; octets go as {"hex": ...}; nothing is decided here.
use strict;
use warnings;

use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json     = JSON::PP->new->utf8->canonical;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
my $select   = IO::Select->new(\*STDIN, $listener);
my ($smpp, %asked, %waiting);
my ($everybody, $count, $typed) = (1, 0, '');

sub say_line { print $json->encode({@_}), "\n" }

# Perl takes any scalar for a number or for octets; JSON has to be told.
sub octets_of { my ($value) = @_; return ref $value eq 'HASH' ? pack('H*', $value->{hex}) : $value }

my %do = (
    admit => sub {
        my ($command) = @_;
        $everybody = $command->{everybody};
        say_line(event => 'admitted', answers => $command->{number});
    },
    answer => sub {
        my ($command) = @_;
        my ($peer, $seq) = @{ delete $waiting{ $command->{count} } };
        $peer->submit_sm_resp(seq => $seq, status => $command->{status}, message_id => $command->{message_id});
    },
    request => sub {
        my ($command) = @_;
        my $name   = $command->{command};
        my %fields = map { $_ => octets_of($command->{fields}{$_}) } keys %{ $command->{fields} };
        $asked{ $smpp->$name(%fields, async => 1) } = $command->{number};
    },
);

sub bound {
    my ($peer, $pdu, $name) = @_;
    my $resp = "${name}_resp";
    if (!$everybody) {
        $peer->$resp(seq => $pdu->{seq}, status => 0x0e, system_id => '');
        return;
    }
    $smpp = $peer;
    $peer->$resp(seq => $pdu->{seq}, system_id => 'perl');
    say_line(event => 'bound', system_id => $pdu->{system_id}, password => $pdu->{password});
}

sub submitted {
    my ($peer, $pdu) = @_;
    $waiting{ ++$count } = [$peer, $pdu->{seq}];
    my $reference = $pdu->{user_message_reference};
    say_line(
        event               => 'submit',
        count               => $count,
        source              => [$pdu->{source_addr_ton}, $pdu->{source_addr_npi}, $pdu->{source_addr}],
        destination         => [$pdu->{dest_addr_ton}, $pdu->{dest_addr_npi}, $pdu->{destination_addr}],
        octets              => unpack('H*', $pdu->{short_message}),
        esm_class           => $pdu->{esm_class},
        data_coding         => $pdu->{data_coding},
        registered_delivery => $pdu->{registered_delivery},
        reference           => defined $reference ? unpack('n', $reference) : undef,
    );
}

sub came {
    my ($peer, $pdu) = @_;
    my $name = $pdu->explain_cmd;
    if ($pdu->{cmd} & 0x80000000) {
        my $number = delete $asked{ $pdu->{seq} };
        say_line(event => 'answer', answers => $number, status => $pdu->{status}) if defined $number;
    }
    elsif ($name =~ /^bind_/)       { bound($peer, $pdu, $name) }
    elsif ($name eq 'submit_sm')    { submitted($peer, $pdu) }
    elsif ($name eq 'enquire_link') { $peer->enquire_link_resp(seq => $pdu->{seq}) }
    elsif ($name eq 'unbind') {
        $peer->unbind_resp(seq => $pdu->{seq});
        ended($peer);
    }
    else { say_line(event => $name, status => $pdu->{status}) }
}

sub ended {
    my ($peer) = @_;
    $select->remove($peer);
    $peer->close;
}

say_line(event => 'listening', port => $listener->sockport);
while (1) {
    for my $ready ($select->can_read) {
        if ($ready == \*STDIN) {
            sysread(STDIN, $typed, 65536, length $typed) or exit 0;
            while ($typed =~ s/^(.*)\n//) {
                my $command = $json->decode($1);
                $do{ $command->{do} }->($command);
            }
        }
        elsif ($ready == $listener) {
            my $peer = $listener->accept;
            $select->add($peer) if $peer;
        }
        elsif (my $pdu = $ready->read_pdu) { came($ready, $pdu) }
        else                               { ended($ready) }
    }
}
