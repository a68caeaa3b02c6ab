A=1 sh -c "echo \$A"; export B=2; sh -c "echo \$B"; C=3; sh -c "echo \${C-unset}"; env -i X=y sh -c "echo \$X"; unset B; sh -c "echo \${B-unset}"
