echo x >f; chmod 640 f; touch -d @1580608922 f
cp -p f g; ls -l g | cut -c1-10; [ f -nt g ] || [ f -ot g ] || echo same time
cp f h; [ h -nt f ] && echo newer
mkdir d; cp f g d; ls d; cp -r d e; ls e; cp f d/. ; cp nothing d 2>/dev/null; echo $?
