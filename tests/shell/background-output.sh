{ echo first; } & wait $!
{ sleep 0.05; echo second; } & wait $!
(echo third) & wait
echo $?
