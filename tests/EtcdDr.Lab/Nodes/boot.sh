#!/bin/bash
# Turns a fresh set of namespaces (mount, PID, UTS, IPC, network) into a node of the lab and becomes its PID 1.
#   boot.sh NODE_DIRECTORY HOSTNAME APP_DIRECTORY DOTNET_DIRECTORY IMAGES_DIRECTORY DISK_MOUNT_POINT
# NODE_DIRECTORY holds upper/ work/ root/ (the overlay), seed/ (files for the first boot), go (a fifo: the network is ready), disk.img (optional).
# DISK_MOUNT_POINT is where disk.img is mounted, or empty.
set -eu
directory=$1 name=$2 app=$3 dotnet=$4 images=$5 disk=$6

hostname "$name"
root=$directory/root
mount -t overlay "lab-$name" -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755,size=64m tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=512m tmpfs "$root/tmp"
mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mkdir -p "$root/opt/lab/app" "$root/opt/lab/dotnet" "$root/opt/lab/images"
mount --bind -o ro "$app" "$root/opt/lab/app"
mount --bind -o ro "$dotnet" "$root/opt/lab/dotnet"
mount --bind -o ro "$images" "$root/opt/lab/images"

if [ -n "$disk" ]; then
    mkdir -p "$root$disk"
    mount -o loop "$directory/disk.img" "$root$disk"
fi

if [ -d "$directory/seed" ]; then
    # The first boot: what this machine itself has of such things is not the node's, and kubeadm leaves no etcd tool on its nodes.
    rm -rf "$root/etc/kubernetes" "$root/var/lib/kubelet" "$root/etc/cni" "$root/home" "$root/var/log" "$root/opt/cni" "$root/usr/sbin/policy-rc.d"
    find "$root/var/lib/etcd" -mindepth 1 -delete 2>/dev/null || true
    rm -f "$root"/usr/bin/etcd "$root"/usr/bin/etcdctl "$root"/usr/bin/etcdutl "$root"/usr/local/bin/etcd*
    mkdir -p "$root/var/log" "$root/home"
    cp -a "$directory/seed/." "$root/"
    chown -R 1000:1000 "$root/home/opc"
    if [ -f "$directory/restore" ]; then
        # etcd's first data: the tool and its arguments, one a line; the data directory is the last line.
        mapfile -t restore < "$directory/restore"
        data=$root${restore[-1]}
        unset 'restore[-1]'
        mkdir -p -m 700 "$data"
        "${restore[@]}" --data-dir "$data/.lab-restore"
        mv "$data/.lab-restore/member" "$data/member"
        rm -rf "$data/.lab-restore"
        chown -R 0:0 "$data"
    fi
    rm -rf "$directory/seed"
fi

read -r _ < "$directory/go"

mkdir -p "$root/run/old"
cd "$root"
pivot_root . run/old
exec < /dev/null
umount -l /run/old
rmdir /run/old
mkdir -p /run/sshd /run/lock /run/lab
ip link set lo up

exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "ETCDDR_LAB=$ETCDDR_LAB" /bin/bash /etc/lab/init
