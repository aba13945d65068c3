# The other end of PwshSession: runs what comes through one pipe and answers through another, so that standard input, output and error are a user's.
# A request is a line: a letter (T: typed, shown as at a prompt; A: asked, its objects are answered as text) and the statement in Base64.
# An answer is a line: seconds, the error in Base64 (. for none), and each object's text in Base64 with a dot before it.
param([Parameter(Mandatory)] [string] $Requests, [Parameter(Mandatory)] [string] $Answers)

$__requests = [IO.StreamReader]::new([IO.Pipes.AnonymousPipeClientStream]::new([IO.Pipes.PipeDirection]::In, $Requests))
$__answers = [IO.StreamWriter]::new([IO.Pipes.AnonymousPipeClientStream]::new([IO.Pipes.PipeDirection]::Out, $Answers))
while ($null -ne ($__line = $__requests.ReadLine())) {
    $__text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($__line.Substring(1)))
    $__failure = $null
    $__output = @()
    $Error.Clear()
    if ($__line[0] -eq 'T') {
        $Host.UI.WriteLine("PS> $__text")
    }

    $__watch = [Diagnostics.Stopwatch]::StartNew()
    try {
        if ($__line[0] -eq 'T') {
            . ([scriptblock]::Create($__text)) | Out-Default
        }
        else {
            $__output = @(. ([scriptblock]::Create($__text)))
        }
    }
    catch {
        $__failure = $_
        $_ | Out-Default
    }

    $__seconds = $__watch.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
    $__failure ??= $Error | Select-Object -First 1
    $__fields = @($__seconds, ($__failure ? [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("$__failure")) : '.'))
    $__fields += $__output.ForEach({ '.' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("$_")) })
    $__answers.WriteLine($__fields -join ' ')
    $__answers.Flush()
}
