# Enough of Pester, which comes from the PowerShell Gallery only, to run the bodies of tests/*.Tests.ps1 once. One pass, no discovery of its own: what Pester 5 and 6
# allow and this does not (mocks, AfterAll, setup for each test) is not used by those files.

$script:passed = 0
$script:failed = [System.Collections.Generic.List[string]]::new()
$script:path = [System.Collections.Generic.List[string]]::new()
$script:leftOut = 'Lab', 'Console'

function BeforeDiscovery {
    <#
    .SYNOPSIS
    Runs what the file's discovery needs.
    #>
    param([scriptblock] $Body)
    . $Body
}

function BeforeAll {
    <#
    .SYNOPSIS
    Sets a block up, in the scope of the caller, which is the block: a function of a module that dots a script block of its caller does so.
    #>
    param([scriptblock] $Body)
    . $Body
}

function Describe {
    <#
    .SYNOPSIS
    Runs a block of tests, once for each value of -ForEach.
    #>
    param([Parameter(Position = 0)] [string] $Name, [Parameter(Position = 1)] [scriptblock] $Fixture, [Alias('ForEach')] [object[]] $Data, [string[]] $Tag)
    Invoke-Round -Name $Name -Body $Fixture -Data $Data -HasData $PSBoundParameters.ContainsKey('Data') -Tag $Tag
}

function It {
    <#
    .SYNOPSIS
    Runs a test, once for each value of -ForEach, and keeps what came of it.
    #>
    param([Parameter(Position = 0)] [string] $Name, [Parameter(Position = 1)] [scriptblock] $Test, [Alias('ForEach')] [object[]] $Data, [string[]] $Tag)
    Invoke-Round -Name $Name -Body $Test -Data $Data -HasData $PSBoundParameters.ContainsKey('Data') -Tag $Tag -IsTest
}

function Invoke-Round {
    param([string] $Name, [scriptblock] $Body, [object[]] $Data, [bool] $HasData, [string[]] $Tag, [switch] $IsTest)
    if ($Tag | Where-Object { $_ -in $script:leftOut }) {
        return
    }

    if ($HasData -and $Data.Count -eq 0) {
        $script:failed.Add("$($script:path -join ' / ') / ${Name}: -ForEach is empty, which Pester 6 refuses")
        return
    }

    $rounds = $HasData ? $Data : [object[]]::new(1)
    for ($i = 0; $i -lt $rounds.Count; $i++) {
        $item = $rounds[$i]
        $variables = [System.Collections.Generic.List[psvariable]]::new()
        $shown = $Name
        if ($HasData) {
            $variables.Add([psvariable]::new('_', $item))
            $shown = $shown.Replace('<_>', "$item")
        }
        if ($item -is [hashtable]) {
            foreach ($key in $item.Keys) {
                $variables.Add([psvariable]::new($key, $item[$key]))
                $shown = $shown.Replace("<$key>", "$($item[$key])")
            }
        }

        $script:path.Add($shown)
        try {
            $null = $Body.InvokeWithContext($null, $variables, @())
            if ($IsTest) {
                $script:passed++
            }
        }
        catch {
            $cause = $_.Exception.InnerException ?? $_.Exception
            $script:failed.Add("$($script:path -join ' / '): $($cause.Message)")
        }
        finally {
            $script:path.RemoveAt($script:path.Count - 1)
        }
    }
}

function Should {
    <#
    .SYNOPSIS
    The assertions that the files use.
    #>
    param(
        [Parameter(ValueFromPipeline)] [object] $ActualValue,
        [switch] $Not, [object] $Be, [object] $Contain, [string] $Match, [object] $BeOfType, [object] $BeGreaterOrEqual, [object] $BeLessOrEqual,
        [switch] $BeNullOrEmpty, [switch] $Throw, [string] $ErrorId, [string] $Because
    )
    begin {
        $all = [System.Collections.Generic.List[object]]::new()
    }
    process {
        $all.Add($ActualValue)
    }
    end {
        $first = $all.Count -gt 0 ? $all[0] : $null
        $text = $all -join ', '
        $asked = $PSBoundParameters
        if ($asked.ContainsKey('Be')) { $holds = ($all -join "`n") -eq (@($Be) -join "`n"); $wish = "be '$($Be -join ', ')'" }
        elseif ($asked.ContainsKey('Contain')) { $holds = $all -contains $Contain; $wish = "contain '$Contain'" }
        elseif ($asked.ContainsKey('Match')) { $holds = "$first" -match $Match; $wish = "match '$Match'" }
        elseif ($asked.ContainsKey('BeOfType')) { $type = "$BeOfType".Trim('[', ']') -as [type]; $holds = $first -is $type; $wish = "be of type $type" }
        elseif ($asked.ContainsKey('BeGreaterOrEqual')) { $holds = $first -ge $BeGreaterOrEqual; $wish = "be at least $BeGreaterOrEqual" }
        elseif ($asked.ContainsKey('BeLessOrEqual')) { $holds = $first -le $BeLessOrEqual; $wish = "be at most $BeLessOrEqual" }
        elseif ($BeNullOrEmpty) { $holds = $all.Count -eq 0 -or ($all.Count -eq 1 -and "$first" -eq ''); $wish = 'be null or empty' }
        elseif ($Throw) { $thrown = Get-Thrown $first; $holds = $thrown -and (-not $ErrorId -or $thrown.FullyQualifiedErrorId -like $ErrorId); $text = "$thrown"; $wish = "throw $ErrorId" }
        else { throw 'The stand-in for Pester does not know this assertion.' }

        if ($holds -eq [bool] $Not) {
            throw "'$text' should $($Not ? 'not ' : '')$wish. $Because"
        }
    }
}

function Get-Thrown([scriptblock] $Body) {
    try {
        $null = & $Body
    }
    catch {
        $_
    }
}

function Get-Outcome {
    <#
    .SYNOPSIS
    What came of it: a line for each failure, then the count.
    #>
    $script:failed
    "$script:passed passed, $($script:failed.Count) failed"
}

Export-ModuleMember -Function BeforeDiscovery, BeforeAll, Describe, It, Should, Get-Outcome
