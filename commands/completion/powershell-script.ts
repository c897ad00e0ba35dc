/**
 * The script for Windows PowerShell 5.1 and PowerShell 7. What it puts into the line stands in single quotes wherever PowerShell would read more than a
 * word in it (https://learn.microsoft.com/powershell/module/microsoft.powershell.core/register-argumentcompleter).
 */
export const POWERSHELL_SCRIPT = `# PowerShell completion for lwi. Install: lwi completion powershell >> $PROFILE

Register-ArgumentCompleter -Native -CommandName lwi -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.PSObject.Properties['Value']) { [string]$_.Value } else { $_.Extent.Text } })
    $typed = $wordToComplete -replace '[''"]', ''
    # Before 7.3 an empty word is not handed on unless it is quoted once more.
    $legacy = $PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
    if ($typed -eq '' -and $legacy) { $words += '""' } else { $words += $typed }
    $lines = @(& lwi complete '--' @words 2>$null)
    foreach ($line in $lines) {
        if ($line.StartsWith(':')) { continue }
        $word, $about = $line.Split([char]9, 2)
        if (-not $about) { $about = $word }
        $text = $word
        if ($word -notmatch '^[A-Za-z0-9._/=:+-]+$') { $text = "'" + $word.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
    }
}
`;
