# Without job control, what runs in the background has no input.
echo data | { cat & wait; }
cat & wait $!; echo "status $?"
