#!/bin/bash
# PID 1 of a node: starts what systemd would start, and reaps orphans (bash does so while it waits).
export DOTNET_NOLOGO=1
/usr/sbin/sshd -D -E /var/log/sshd.log &
if [ -e /etc/lab/kubelet ] && [ ! -e /etc/lab/kubelet-disabled ]; then
    systemctl start kubelet &
fi
while :; do
    sleep 86400 &
    wait $!
done
