using 'main.bicep'

// An example: every parameter has a default. Keys don't belong here; `edgectl set` writes them into the vault.
param hostingModel = 'isolated'
param alertEmails = ['oncall@example.com']

// Without it whoever deploys gets the role that storing keys asks for: az ad group show --group key-operators --query id
// param operatorGroupId = '00000000-0000-0000-0000-000000000000'

// No request waits for a start, and each instance is paid around the clock.
// param alwaysReadyInstances = 1
