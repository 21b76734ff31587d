#!/usr/bin/perl
# An ESME made of Net::SMPP, in the hand of a test: commands come as JSON lines on stdin, what happens goes out as JSON
# lines on stdout. Sockets and PDUs are Net::SMPP's own; octets go as {"hex": ...}; nothing is decided here.
use strict;
use warnings;

use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json   = JSON::PP->new->utf8->canonical;
my $select = IO::Select->new(\*STDIN);
my ($smpp, $listener, @account, %asked);
my $typed = '';

sub say_line { print $json->encode({@_}), "\n" }

# Perl takes any scalar for a number or for octets; JSON has to be told.
sub octets_of { my ($value) = @_; return ref $value eq 'HASH' ? pack('H*', $value->{hex}) : $value }

sub connect_to {
    my ($command) = @_;
    $smpp = Net::SMPP->new_connect('127.0.0.1', port => $command->{port}) or die "no connection: $!";
    $select->add($smpp);
    say_line(event => 'connected', answers => $command->{number});
}

sub listen_for {
    my ($command) = @_;
    $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
    @account = (system_id => $command->{system_id}, password => $command->{password});
    $select->add($listener);
    say_line(event => 'listening', answers => $command->{number}, port => $listener->sockport);
}

sub request {
    my ($command) = @_;
    my $name   = $command->{command};
    my %fields = map { $_ => octets_of($command->{fields}{$_}) } keys %{ $command->{fields} };
    my $seq    = $smpp->$name(%fields, async => 1);
    $asked{$seq} = $command->{number};
}

my %answered = (deliver_sm => 'deliver_sm_resp', data_sm => 'data_sm_resp');

sub came {
    my ($pdu) = @_;
    my $name = $pdu->explain_cmd;
    if (exists $asked{ $pdu->{seq} } && $pdu->{cmd} & 0x80000000) {
        say_line(
            event      => 'answer',
            answers    => delete $asked{ $pdu->{seq} },
            command    => $name,
            status     => $pdu->{status},
            message_id => $pdu->{message_id} // '',
            fields     => { map { $_ => $pdu->{$_} } grep { defined $pdu->{$_} } qw(message_state final_date no_unsuccess) },
        );
    }
    elsif (my $resp = $answered{$name}) {
        $smpp->$resp(seq => $pdu->{seq}, message_id => '');
        say_line(
            event       => 'heard',
            command     => $name,
            source      => $pdu->{source_addr},
            destination => $pdu->{destination_addr},
            esm_class   => $pdu->{esm_class},
            data_coding => $pdu->{data_coding},
            octets      => unpack('H*', length($pdu->{short_message} // '') ? $pdu->{short_message} : $pdu->{message_payload} // ''),
            receipted   => ($pdu->{receipted_message_id} // '') =~ s/\0.*//sr,
            tlvs        => { map { $_ => unpack('H*', $pdu->{$_}) } grep { /^\d+$/ } keys %$pdu },
        );
    }
    elsif ($name eq 'enquire_link') { $smpp->enquire_link_resp(seq => $pdu->{seq}) }
    elsif ($name eq 'outbind')      { $smpp->bind_receiver(@account, async => 1) }
    elsif ($name eq 'unbind') {
        $smpp->unbind_resp(seq => $pdu->{seq});
        ended();
    }
    else { say_line(event => $name, status => $pdu->{status}) }
}

sub ended {
    $select->remove($smpp);
    $smpp->close;
    say_line(event => 'ended');
}

my %do = (connect => \&connect_to, listen => \&listen_for, request => \&request);

while (1) {
    for my $ready ($select->can_read) {
        if ($listener && $ready == $listener) {
            $smpp = $listener->accept;
            $select->add($smpp);
            next;
        }
        if ($smpp && $ready == $smpp) {
            my $pdu = $smpp->read_pdu;
            if   ($pdu) { came($pdu) }
            else        { ended() }
            next;
        }
        sysread(STDIN, $typed, 65536, length $typed) or exit 0;
        while ($typed =~ s/^(.*)\n//) {
            my $command = $json->decode($1);
            $do{ $command->{do} }->($command);
        }
    }
}
