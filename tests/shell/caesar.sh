rot() { tr 'a-zA-Z' 'n-za-mN-ZA-M'; }
echo 'The Quick Brown Fox' | rot
echo 'The Quick Brown Fox' | rot | rot
