mkdir gone; cd gone; rmdir ../gone
ls; echo "ls $?"
echo x >f 2>/dev/null || echo "no file"
mkdir sub 2>/dev/null || echo "no folder"
cd ..; ls
