// One storage account: the deployed package, what the Functions host keeps, and the fleet register.
import { roles } from 'roles.bicep'

@description('The account\'s name, unique in the world.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Replication of the account.')
param sku string

@description('The container of the deployed package.')
param packageContainer string

@description('The name of the app\'s identity.')
param identityName string

@description('Object id of the operators: they read the fleet register and purge it. Empty: nobody is given that here.')
param operatorId string

@description('What operatorId is: Group, User or ServicePrincipal.')
param operatorType string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    // No account key opens it, so none can leak: tokens of Entra ID only.
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: packageContainer
      properties: { publicAccess: 'None' }
    }
  }

  resource tables 'tableServices' = {
    name: 'default'

    // The edge would make it too, but its role reaches no further than this table.
    resource fleet 'tables' = {
      name: 'GeminiEdgeFleet'
    }
  }
}

// The host keeps its function keys and locks in blobs of this account, and runs the package from one. It asks for Owner.
resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identity.id, roles.storageBlobDataOwner)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource appFleet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::tables::fleet
  name: guid(account::tables::fleet.id, identity.id, roles.storageTableDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageTableDataContributor
    )
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Contributor, not Reader: `edgectl purge` removes the rows of instances that were not seen for a day.
resource operatorsFleet 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: account::tables::fleet
  name: guid(account::tables::fleet.id, operatorId, roles.storageTableDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageTableDataContributor
    )
    principalId: operatorId
    principalType: operatorType
  }
}
