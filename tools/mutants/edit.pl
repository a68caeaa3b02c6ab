#!/usr/bin/perl
# Applies the edits of one mutant of mutants.list to a copy of kernel/arch/x86_64.
#   edit.pl LIST NAME DIR     prints the edited files; fails if an edit does not find its line
use strict;
use warnings;

my ($list, $name, $dir) = @ARGV;
my %edited;
open my $in, '<', $list or die "$list: $!\n";
while (<$in>) {
	next unless /^\Q$name\E: (drop|subst|before) (\S+) (\d+): (.*)$/;
	my ($verb, $file, $nth, $rest) = ($1, "$dir/$2", $3, $4);
	my ($text, $new) = $verb eq 'drop' ? ($rest, '') : split / => /, $rest, 2;
	edit($verb, $file, $nth, $text, $new);
	$edited{$file} = 1;
}
die "no mutant $name\n" unless %edited;
print "$_\n" for sort keys %edited;

sub edit {
	my ($verb, $file, $nth, $text, $new) = @_;
	open my $f, '<', $file or die "$file: $!\n";
	my @lines = <$f>;
	close $f;
	my @at = grep { (my $l = $lines[$_]) =~ s/^\s+|\s+$//g; $l =~ s/ \\$//; $l eq $text } 0 .. $#lines;
	die "$file: no line $nth: $text\n" if @at < $nth;
	my $i = $at[$nth - 1];
	if ($verb eq 'drop') {
		splice @lines, $i, 1;
	} elsif ($verb eq 'subst') {
		$lines[$i] = "\t$new\n";
		$lines[$i] = "$new\n" if $new =~ /^#/;
	} else {
		splice @lines, $i, 0, "\t$new\n";
	}
	open $f, '>', $file or die "$file: $!\n";
	print $f @lines;
	close $f;
}
