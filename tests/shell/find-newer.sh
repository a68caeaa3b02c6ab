touch -d @1000 old; touch -d @2000 mid; touch -d @3000 new
find . -newer old -type f | sort; find . -newer mid -type f; find . ! -newer mid -type f | sort
