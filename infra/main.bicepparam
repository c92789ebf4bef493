using 'main.bicep'

// An example: every other parameter has a default. Keys don't belong here; `edgectl set` writes them into the vault.
param hostingModel = 'isolated'
param alwaysReadyInstances = 1
param operatorGroupId = '' // az ad group show --group key-operators --query id
param alertEmails = ['oncall@example.com']
