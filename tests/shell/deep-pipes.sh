seq 100 | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | tail -n 1
echo x | (cat | (cat | (cat | (cat | (cat; echo in) ) ) ) )
